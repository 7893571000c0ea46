-- Asks the gateway whether a request may go to MLflow. Whatever is no 200 is told to the client, and nothing is forwarded.
local GATEWAY = "http://127.0.0.1:8001/authz"
local TIMEOUT_MS = 30000

-- Said by HAProxy itself, or about a body that does not come along.
local OWN = {
  ["connection"] = true, ["content-length"] = true, ["transfer-encoding"] = true, ["expect"] = true,
  ["x-original-method"] = true, ["x-original-uri"] = true, ["x-original-content-length"] = true,
  ["x-original-transfer-encoding"] = true, ["x-forwarded-for"] = true, ["x-forwarded-proto"] = true,
}
local PASSED_ON = { "www-authenticate", "retry-after", "ratelimit", "ratelimit-policy", "x-request-id" }

local function values(list)
  local out = {}
  for index, value in pairs(list) do out[index + 1] = value end
  return out
end

local function unavailable(txn)
  local reply = txn:reply({ status = 503, reason = "Service Unavailable" })
  reply:add_header("content-type", "application/problem+json")
  reply:add_header("retry-after", "1")
  reply:set_body('{"error_code":"TEMPORARILY_UNAVAILABLE","message":"The gateway that decides on requests does not answer. Try again in a moment."}')
  txn:done(reply)
end

core.register_action("authz", { "http-req" }, function(txn)
  local asked = {}
  local came = txn.http:req_get_headers()
  for name, list in pairs(came) do
    if not OWN[name] then asked[name] = values(list) end
  end
  asked["x-original-method"] = { txn.sf:method() }
  asked["x-original-uri"] = { txn.sf:pathq() }
  asked["x-forwarded-for"] = { txn.sf:src() }
  asked["x-forwarded-proto"] = { "http" }
  if came["content-length"] then asked["x-original-content-length"] = values(came["content-length"]) end
  if came["transfer-encoding"] then asked["x-original-transfer-encoding"] = values(came["transfer-encoding"]) end

  local answer = core.httpclient():get({ url = GATEWAY, headers = asked, timeout = TIMEOUT_MS })
  if not answer or not answer.status or answer.status == 0 then return unavailable(txn) end
  if answer.status == 200 then
    local id, user = answer.headers["x-hokusai-api-key-id"], answer.headers["x-hokusai-user-id"]
    if id then txn:set_var("txn.authz_key_id", values(id)[1]) end
    if user then txn:set_var("txn.authz_user_id", values(user)[1]) end
    return
  end
  local reply = txn:reply({ status = answer.status, reason = answer.reason })
  reply:add_header("content-type", "application/problem+json")
  for _, name in ipairs(PASSED_ON) do
    local list = answer.headers[name]
    if list then for _, value in pairs(list) do reply:add_header(name, value) end end
  end
  reply:set_body(answer.body or "")
  txn:done(reply)
end)
