-- Every request has a key of its own; one of five is refused. Argument: the first number.
local number = 0

function init(args)
  number = tonumber(args[1])
end

function request()
  number = number + 1
  local key = number % 5 == 0 and string.format("hk_live_refused_%020d", number) or string.format("hk_live_%032d", number)
  return wrk.format("GET", nil, { ["Authorization"] = "Bearer " .. key })
end
