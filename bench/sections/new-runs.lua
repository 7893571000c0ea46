-- Every request asks for a run that nobody has asked for: the time of the visit, then a number.
local visit = string.format("%016x", os.time())
local number = 0

function request()
  number = number + 1
  return wrk.format("GET", wrk.path .. visit .. string.format("%016x", number))
end
