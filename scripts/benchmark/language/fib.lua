-- Calls, comparisons and additions of integers: Fibonacci numbers the slow way.
-- As all scripts of this folder: lua5.4 and Greenhouse run the same file, which checks what it computed and prints 1 and
-- the CPU seconds that the process spent on it. Read inside, because starting has a row of its own.
local function fib(n)
  if n < 2 then return n end
  return fib(n - 1) + fib(n - 2)
end

local start = os.clock()
assert(fib(35) == 9227465)
print(1, os.clock() - start)
