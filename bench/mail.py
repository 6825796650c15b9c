"""Messages per second: templates beside bare Jinja2, mail beside bare smtplib, the outbox beside bare files."""

from __future__ import annotations

import os
import smtplib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ghl.engine.channels import Address, Message, Unsubscribe
from ghl.engine.channels.email import build
from ghl.engine.channels.outbox import Outbox
from ghl.engine.channels.smtp import Smtp
from ghl.engine.clock import SystemClock
from ghl.engine.render import Renderer, TemplateSource

SUBJECT = "{{ contact.first_name | default('there') }}, two ideas for {{ company.name }}"
HTML = """<h1>Hello {{ contact.first_name | default('there') }}</h1>
<p>Since {{ contact.city }} is where you are, here are two ideas for {{ company.name }}.</p>
{% if contact.vip %}<p>As one of our best customers you have {{ contact.score }} points.</p>{% endif %}
<p><a href="{{ links.shop }}">Have a look</a> or reply to this message.</p>
<p>The offer stands until {{ deal.until | date('%-d %B') }}.</p>
<p style="font-size: 12px">{{ account.address }} <a href="{{ unsubscribe_url }}">Unsubscribe</a></p>
"""
LOOP = HTML.replace("{% if", "{% for line in deal.lines %}<p>{{ line.name }} {{ line.price }}</p>{% endfor %}{% if")
DATA = {
    "contact": {"first_name": "Ann", "city": "Lisbon", "vip": True, "score": 85, "email": "ann@example.com"},
    "company": {"name": "Alves & Filhos"}, "links": {"shop": "https://shop.example.com/?a=1&b=2"},
    "deal": {"until": "2026-12-24", "lines": [{"name": f"Item {n}", "price": n} for n in range(10)]},
    "account": {"address": "1 Main Street"}, "unsubscribe_url": "https://crm.example.com/u/v1.abc",
}  # fmt: skip

# In a process of its own, so that it and the sender share the machine as they would.
SINK = """
import asyncio, sys
class Sink(asyncio.Protocol):
    def connection_made(self, transport):
        self.t, self.text, self.rest = transport, False, b""
        transport.write(b"220 sink\\r\\n")
    def data_received(self, data):
        self.rest += data
        while True:
            mark = b"\\r\\n.\\r\\n" if self.text else b"\\r\\n"
            head, found, rest = self.rest.partition(mark)
            if not found:
                return
            self.rest = rest
            verb = head[:4].upper()
            if self.text:
                self.text = False
                self.t.write(b"250 2.0.0 queued\\r\\n")
            elif verb == b"EHLO":
                self.t.write(b"250-sink\\r\\n250 PIPELINING\\r\\n" if "pipe" in sys.argv else b"250 sink\\r\\n")
            elif verb == b"DATA":
                self.text = True
                self.t.write(b"354 go on\\r\\n")
            elif verb == b"QUIT":
                self.t.write(b"221 bye\\r\\n"); self.t.close(); return
            else:
                self.t.write(b"250 ok\\r\\n")
async def main():
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


def rate(run: Callable[[], object], seconds: float = 1.5) -> float:
    """How often per second, the best of three."""
    best = 0.0
    for _ in range(3):
        count, started = 0, time.perf_counter()
        while (taken := time.perf_counter() - started) < seconds / 3:
            for _ in range(20):
                run()
            count += 20
        best = max(best, count / taken)
    return best


def templates(renderer: Renderer) -> None:
    sandbox = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    sandbox.filters["date"] = lambda value, form: datetime.fromisoformat(value).strftime(form)
    parts = [sandbox.from_string(one) for one in (SUBJECT, HTML, HTML)]
    bare = rate(lambda: [part.render(DATA) for part in parts])
    cheap = rate(lambda: renderer.render(TemplateSource(subject=SUBJECT, html=HTML), DATA))
    child = rate(lambda: renderer.render(TemplateSource(subject=SUBJECT, html=LOOP), DATA))
    print(f"bare sandbox, three parts       {bare:8,.0f}/s")
    print(f"cheap template, in process      {cheap:8,.0f}/s   {cheap / bare:.2f} x bare")
    print(f"template with a loop, in child  {child:8,.0f}/s   {child / bare:.2f} x bare")


def mail(message: Message) -> None:
    print(f"building a mail                 {rate(lambda: build(message, SystemClock().now())):8,.0f}/s")
    for kind in ("pipe", "plain"):
        sink = subprocess.Popen([sys.executable, "-c", SINK, kind], stdout=subprocess.PIPE, text=True)
        assert sink.stdout is not None
        port = int(sink.stdout.readline())
        try:
            with Smtp.open(f"smtp://127.0.0.1:{port}?per_connection=100000", clock=SystemClock()) as sender:
                ours = rate(lambda: sender.send(message))
            with smtplib.SMTP("127.0.0.1", port, local_hostname="x") as smtp:
                bare = rate(lambda: smtp.send_message(plain(message)))
        finally:
            sink.kill()
            sink.wait()
        print(f"to a local sink, {kind:5}          {ours:8,.0f}/s   {ours / bare:.2f} x smtplib with stdlib messages")


def plain(message: Message) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "shop@example.com", "ann@example.com", message.subject
    made["Message-ID"] = f"<{message.id}>"
    made.set_content(message.text)
    made.add_alternative(message.html, subtype="html")
    return made


def outbox(message: Message) -> None:
    with tempfile.TemporaryDirectory() as folder:
        box, number = Outbox(Path(folder) / "a", SystemClock()), iter(range(10**9))
        ours = rate(lambda: box.send(replace(message, id=f"{next(number)}@example.com")))
        data = build(message, SystemClock().now()).data

        def write() -> None:
            path = Path(folder) / f"{next(number)}.eml"
            path.with_suffix(".part").write_bytes(data)
            os.replace(path.with_suffix(".part"), path)

        bare = rate(write)
    print(f"into the outbox                 {ours:8,.0f}/s   {ours / bare:.2f} x bare files")


def main() -> None:
    with Renderer() as renderer:
        templates(renderer)
        rendered = renderer.render(TemplateSource(subject=SUBJECT, html=HTML), DATA)
    message = Message(
        id="abc@example.com", to=(Address("ann@example.com", "Ann"),), sender=Address("shop@example.com", "Shop"),
        subject=rendered.subject, text=rendered.text, html=rendered.html, date=datetime(2026, 11, 24, tzinfo=UTC),
        unsubscribe=Unsubscribe("https://crm.example.com/u/v1.abc", "leave@example.com"),
    )  # fmt: skip
    mail(message)
    outbox(message)


if __name__ == "__main__":
    main()
