-- Prints how many requests took how long after wrk's own report. BENCH_SCRIPT: what makes the requests, where they are not all alike.
local script = os.getenv("BENCH_SCRIPT")
if script then dofile(script) end

function done(summary, latency)
  print(string.format("measured %d us", summary.duration))
  for i = 1, #latency do
    local us, count = latency(i)
    print(string.format("latency %d us %d", us, count))
  end
end
