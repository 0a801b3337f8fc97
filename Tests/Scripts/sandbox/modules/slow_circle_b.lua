require "green".sleep(0.01)
return require "slow_circle_a"
