-- Validates keys drawn from a file, one a line; every tenth is an unknown one. Argument: the file.
local keys = {}
local number = 0

function init(args)
  for line in io.lines(args[1]) do keys[#keys + 1] = line end
  math.randomseed(1)
end

local body = '{"service_id":"ml-platform","client_ip":"127.0.0.1"}'

function request()
  number = number + 1
  local key = number % 10 == 0 and string.format("hk_live_%032d", number) or keys[math.random(#keys)]
  local headers = { ["Authorization"] = "Bearer " .. key, ["Content-Type"] = "application/json" }
  return wrk.format("POST", "/api/v1/keys/validate", headers, body)
end
