"""Pipelines: their stages, what may not be taken from under deals, and where the deals go instead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ghl.engine import crud
from ghl.engine.columns import Column, State
from ghl.engine.crm.stage_part import STAGES, key_of
from ghl.engine.crm.stages import forget
from ghl.engine.dispatch import handles
from ghl.engine.records import Store
from ghl.engine.stores import store_of
from ghl.errors import Duplicate, InUse, Invalid
from ghl.sdk.crm import pipelines as contract
from ghl.sdk.fields import Removed
from ghl.sdk.names import fold

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

DEFAULT_STAGES = [
    contract.StageInput(name="New", probability=10),
    contract.StageInput(name="Qualified", probability=30),
    contract.StageInput(name="Proposal", probability=60),
    contract.StageInput(name="Won", probability=100, sets_status="won"),
    contract.StageInput(name="Lost", probability=0, sets_status="lost"),
]


class PipelineStore(Store[contract.Pipeline]):
    """Pipelines."""

    noun = "pipeline"
    table = "pipelines"
    record = contract.Pipeline
    columns = (Column("name", default=""), Column("position", "number", default=0), Column("stale_days", "number"))
    parts = (STAGES,)
    owned = False
    searched = False
    sorts = {"created_at": ("public_id",), "name": ("name_key",)}

    def create(self, tx: Tx, values: dict[str, Any]) -> State:
        return super().create(tx, values if values.get("stages") else values | {"stages": DEFAULT_STAGES})

    def assign(self, tx: Tx, state: State, values: dict[str, Any]) -> None:
        super().assign(tx, state, values)
        if values.get("add_stages") or values.get("remove_stages"):
            STAGES.changed(tx, state, values)

    def check(self, tx: Tx, state: State, old: State | None) -> None:
        if not state["name"]:
            raise Invalid("a pipeline needs a name", hint="ghl pipelines add --name Sales", field="name")
        if not state["stages"]:
            raise Invalid("a pipeline needs a stage", hint="--stage New --stage Won", field="stages")
        came = old is None or (old["deleted_at"] is not None and state["deleted_at"] is None)
        if came or (old is not None and fold(old["name"]) != fold(state["name"])):
            self._refuse_taken(tx, state)
        if old is not None and old["deleted_at"] is None:
            if state["deleted_at"] is not None:
                self._refuse_open_deals(tx, state)
            for key in old["stages"].keys() - state["stages"].keys():
                self._refuse_deals_in(tx, key, old["stages"][key]["name"], state["name"])

    def _refuse_taken(self, tx: Tx, state: State) -> None:
        holder = tx.one("crm/pipelines/by_name", key=fold(state["name"]))
        if holder is not None and holder["id"] != state["id"]:
            raise Duplicate(
                f'there is a pipeline "{holder["name"]}" already',
                hint=f"ghl pipelines edit {holder['public_id'][-6:]}",
                field="name",
                id=holder["public_id"],
            )

    def _refuse_open_deals(self, tx: Tx, state: State) -> None:
        count = tx.value("crm/pipelines/open_deals", id=state["id"])
        if count:
            rows = tx.all("crm/pipelines/first_open_deals", id=state["id"])
            raise InUse(
                f"pipeline {state['name']} has {_deals(count)} that {'is' if count == 1 else 'are'} open",
                hint="--move-to PIPELINE moves them first",
                users=[{"id": row["public_id"], "name": row["name"]} for row in rows],
                count=count,
            )

    def _refuse_deals_in(self, tx: Tx, stage_id: int, name: str, pipeline: str) -> None:
        count = tx.value("crm/pipelines/deals_in_stage", id=stage_id)
        if count:
            rows = tx.all("crm/pipelines/first_deals_in_stage", id=stage_id)
            named = ", ".join(row["name"] for row in rows[:3]) + (", …" if count > 3 and rows else "")
            raise InUse(
                f'{_deals(count)} {"is" if count == 1 else "are"} in stage "{name}" of {pipeline}'
                + (f": {named}" if named else ""),
                hint="--move-deals-to STAGE moves them first",
                field="stages",
                users=[{"id": row["public_id"], "name": row["name"]} for row in rows],
                count=count,
            )

    def after(self, tx: Tx, old: State | None, new: State, changed: frozenset[str]) -> None:
        forget(tx)

    def announce(self, tx: Tx, old: State | None, new: State, changed: frozenset[str], change_id: int) -> None:
        if "deleted_at" not in changed:
            name = "pipeline.created" if old is None else "pipeline.changed"
            tx.events.emit(name, "pipeline", new["id"], change_id=change_id)

    def shape(self, tx: Tx, after: dict[str, Any]) -> dict[str, Any] | None:
        """Stages by name: a new one has another id at every run of a plan."""
        if "stages" not in after:
            return super().shape(tx, after)
        named = [{k: v for k, v in one.items() if k != "public_id"} for one in after["stages"].values()]
        return (super().shape(tx, after) or after) | {"stages": named}

    def matching(self, tx: Tx, values: dict[str, Any], match: Iterable[str]) -> int | None:
        """The pipeline with this name."""
        row = tx.one("crm/pipelines/by_name", key=fold(values.get("name")))
        return row["id"] if row else None


def _deals(count: int) -> str:
    return f"{count:,} deal{'' if count == 1 else 's'}"


STORE = PipelineStore()

crud.handle(
    STORE,
    create=contract.CreatePipeline,
    get=contract.GetPipeline,
    list=contract.ListPipelines,
    upsert=contract.UpsertPipeline,
    restore=contract.RestorePipeline,
    create_many=contract.CreatePipelines,
    upsert_many=contract.UpsertPipelines,
    update_many=contract.UpdatePipelines,
    delete_many=contract.DeletePipelines,
    restore_many=contract.RestorePipelines,
)


@handles(contract.UpdatePipeline)
def update(request: contract.UpdatePipeline, tx: Tx) -> contract.Pipeline:
    """Change a pipeline; deals of stages that go are moved first where the request says so."""
    state = STORE.one(tx, request.pipeline_id, lock=True)
    values = crud.given(request, "pipeline_id", "move_deals_to")
    if request.move_deals_to is not None:
        new = dict(state)
        STORE.assign(tx, new, values)
        gone = state["stages"].keys() - new["stages"].keys()
        goal = key_of({k: v for k, v in state["stages"].items() if k not in gone}, request.move_deals_to)
        place = {"stage_id": state["stages"][goal]["public_id"]}
        for stage_id in sorted(gone):
            _move(tx, "r.stage_id = :id", stage_id, place)
    new = STORE.update(tx, state, values, version=request.version)
    return STORE.present(tx, [new])[0]


@handles(contract.DeletePipeline)
def delete(request: contract.DeletePipeline, tx: Tx) -> Removed:
    """Delete a pipeline; its open deals are moved to another one where the request says so."""
    state = STORE.one(tx, request.pipeline_id, lock=True)
    if request.move_to is not None:
        goal = STORE.one(tx, request.move_to)
        if goal["id"] == state["id"]:
            raise Invalid("deals cannot move to the pipeline that is deleted", field="move_to")
        place = {"pipeline_id": goal["public_id"]}
        _move(tx, "r.pipeline_id = :id and r.status = 'open'", state["id"], place)
    return Removed(id=STORE.remove(tx, state)["public_id"])


def _move(tx: Tx, condition: str, number: int, place: dict[str, str]) -> None:
    """Move the live deals that meet a condition; those the caller may not see keep the stage in use."""
    deals = store_of("deal")
    query = f"""select r.id from deal_records r where r.account_id = :account_id and r.deleted_at is null
        and {condition}{deals.sight(tx)} order by r.id"""
    ids = [row["id"] for row in tx.all(query, id=number)]
    for start in range(0, len(ids), 500):
        for deal in deals.load(tx, ids[start : start + 500], lock=True):
            deals.update(tx, deal, place)
