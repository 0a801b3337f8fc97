"""What each kind of limit costs: one program, and our own server, with one option more than the usual at a time."""

from budgets import OURS

# Limits that nothing here reaches: what is measured is that they are watched.
HOUR = "3600"
OPTIONS: dict[str, list[str]] = {
    "slice off": ["--slice", "0"],
    "slice 1 ms": ["--slice", "1"],
    "processor time": ["--cpu-limit", HOUR],
    "deadline": ["--time-limit", HOUR],
    "memory": ["--memory-limit", "8G"],
    "greens": ["--max-greens", "1000000"],
    "sandbox": ["--sandbox"],
    "all of these": ["--slice", "1", "--cpu-limit", HOUR, "--time-limit", HOUR, "--memory-limit", "8G",
                     "--max-greens", "1000000", "--sandbox"],
    "instructions": ["--instruction-limit", "1000000000000000"],
}
# The first is what the others are compared with: the slice of 10 ms that every host has, and no limit.
CONTESTANTS = [OURS, *OPTIONS]
