"""Files of records: reading and writing CSV, JSON Lines, vCard and XLSX through one interface."""

from ghl.engine.data.formats.source import Reject, Row, RowSource, open_rows
from ghl.engine.data.formats.writer import RowWriter, open_writer

__all__ = ["Reject", "Row", "RowSource", "RowWriter", "open_rows", "open_writer"]
