"""Runs the Autobahn test suite's cases (by kosoku) against a WebSocket client.

  python websocket_cases.py COMMAND [ARGUMENT …]

COMMAND is given the server's URL as its last argument. Compression (12 and 13) is left out: the client has none. Prints
how often each verdict was given and every case that is not OK; the exit code is 1 when one of these is not expected.
"""

import asyncio
import collections
import sys

from kosoku import FailureError, run_fuzzingserver

LONGEST_RUN = 120

# Why a case is not simply OK. Only these verdicts count as correct.
EXPECTED = {
    "INFORMATIONAL": "the case asks what a client does where RFC 6455 leaves it open",
}
# A good message is followed at once by a frame that breaks a rule. To be strict is to echo the message before the
# connection is failed; our client fails it when it reads the frame, which is before a script could answer if both came in
# one read. Which of these are OK therefore differs from run to run.
FAILS_FIRST = "the good message came together with the bad frame: it is received, but its echo comes too late"
NON_STRICT = dict.fromkeys(
    ("3.2", "3.3", "3.4", "4.1.3", "4.1.4", "4.1.5", "4.2.3", "4.2.4", "4.2.5", "5.15"), FAILS_FIRST)


async def run(command: list[str]) -> list:
    async with run_fuzzingserver(None, ["12.*", "13.*"], host="127.0.0.1", port=0) as server:
        client = await asyncio.create_subprocess_exec(*command, f"ws://{server.address}:{server.port}")
        results = asyncio.create_task(server.get_result())
        try:
            async with asyncio.timeout(LONGEST_RUN):
                code = await client.wait()
                if code != 0:
                    sys.exit(f"autobahn: the client ended with {code}")
                return await results
        except FailureError as failure:
            return failure.results
        finally:
            results.cancel()
            if client.returncode is None:
                client.kill()


def report(results: list) -> int:
    for title, verdict in (("messages", "behavior"), ("closing", "behavior_close")):
        counts = collections.Counter(getattr(case, verdict).value for case in results)
        print(f"{title:9}", ", ".join(f"{name} {count}" for name, count in counts.most_common()))
    wrong = 0
    for case in results:
        verdicts = {case.behavior.value, case.behavior_close.value} - {"OK"}
        if not verdicts:
            continue
        reason = NON_STRICT.get(case.case_id) or "; ".join(EXPECTED.get(name, "not expected") for name in verdicts)
        wrong += "not expected" in reason
        print(f"  {case.case_id:8} {case.behavior.value} / {case.behavior_close.value}: {reason}")
        if "not expected" in reason:
            print(f"           {case.result} {case.result_close}")
    print(f"autobahn: {len(results)} cases, {wrong} wrong")
    return 1 if wrong or not results else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(report(asyncio.run(run(sys.argv[1:]))))
