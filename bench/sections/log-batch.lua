-- A batch of 1,000 metrics of one run.
local metrics = {}
for i = 1, 1000 do
  metrics[i] = string.format('{"key":"loss","value":%.6f,"timestamp":1766000000000,"step":%d}', 1 / i, i)
end

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"run_id":"0123456789abcdef0123456789abcdef","metrics":[' .. table.concat(metrics, ",") .. "]}"
