-- Each connection waits between two requests: for a look at whether all of them are answered, where nothing is timed.
local PAUSE_MS = 100

function delay()
  return PAUSE_MS
end
