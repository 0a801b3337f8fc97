"""What each kind of limit costs: one program, and our own server, with one option more than the usual at a time."""

from budgets import OURS

TOGETHER = "all of these"
# Limits that nothing here reaches: what is measured is that they are watched.
HOUR = "3600"
ONE_EACH: dict[str, list[str]] = {
    "slice off": ["--slice", "0"],
    "slice 1 ms": ["--slice", "1"],
    "processor time": ["--cpu-limit", HOUR],
    "deadline": ["--time-limit", HOUR],
    "memory": ["--memory-limit", "8G"],
    "greens": ["--max-greens", "1000000"],
    "sandbox": ["--sandbox"],
}
OPTIONS: dict[str, list[str]] = {
    **ONE_EACH,
    # The last --slice wins.
    TOGETHER: [option for options in ONE_EACH.values() for option in options],
    "instructions": ["--instruction-limit", "1000000000000000"],
}
# The first is what the others are compared with: the slice of 10 ms that every host has, and no limit.
CONTESTANTS = [OURS, *OPTIONS]
