"""What came of a call that failed, and the smallest stack of its cases that still fails so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from suites.frameworks.bisection import smallest_span
from suites.frameworks.child import TIMEOUT, ChildDiedError
from suites.frameworks.protocol import Call, Crash, FrameworkError, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracer:
    """Makes calls, and traces what fails to the cases that do it.

    Attributes:
        ask: (call, seconds) -> a child's reply. Raises `ChildDiedError` where there is none, and
            `FrameworkError` where no child can be started.
        timeout: Seconds that a call may take.
    """

    ask: Callable[[Call, float], Reply]
    timeout: float

    def reply(self, call: Call) -> Reply:
        """Return what came of a call, whatever came of it."""
        try:
            reply = self.ask(call, self.timeout)
        except FrameworkError as error:
            return Reply(outcome="not run", message=str(error))
        except ChildDiedError as death:
            return self._crashed(call, death)
        return self._traced(call, reply) if reply.outcome == "errored" else reply

    def _traced(self, call: Call, reply: Reply) -> Reply:
        """Return the reply of a call that raised, with its smallest stack of cases."""
        span = smallest_span(
            call.cases, lambda first, end: self._raises(call.part(first, end), reply)
        )
        return replace(reply, raised=span)

    def _raises(self, call: Call, before: Reply) -> bool:
        """Return whether a call raises an error of the same type, in the same pass."""
        try:
            reply = self.ask(call, self.timeout)
        except ChildDiedError:
            return False
        return _error(reply) == _error(before)

    def _crashed(self, call: Call, death: ChildDiedError) -> Reply:
        """Return the reply of a call that a process died of, with its smallest stack of cases."""
        timeout = self.timeout
        if death.signal == TIMEOUT:
            # so that the whole search takes about as long as the first time-out
            timeout = max(1.0, timeout / 16)
        span = smallest_span(
            call.cases, lambda first, end: self._dies(call.part(first, end), timeout)
        )
        crash = Crash(signal=death.signal, span=span)
        return Reply(outcome="crashed", message=self._words(death, crash), crash=crash)

    def _dies(self, call: Call, timeout: float) -> bool:
        try:
            self.ask(replace(call, isolated=True), timeout)
        except ChildDiedError:
            return True
        return False

    def _words(self, death: ChildDiedError, crash: Crash) -> str:
        if death.signal == TIMEOUT:
            words = f"no answer within {self.timeout:g} s"
        else:
            words = f"the process ended: {death.signal}"
        if death.last_line:
            words += f": {death.last_line}"
        return words if crash.span.reproduced else f"{words} (not again in a fresh process)"


def _error(reply: Reply) -> tuple[str, str | None, str]:
    """Return what tells errors apart, whatever numbers their messages quote."""
    return reply.outcome, reply.stage, (reply.message or "").partition(":")[0]
