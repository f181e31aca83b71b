-- Sends the prepared score requests in turn, each under a message id of its own. Requests are put together from pieces
-- that are made before the clock starts, so that the load generator is not what is measured.
local heads, tails, counter = {}, {}, 0
local run = os.getenv("TORWART_BENCH_RUN")

function init(args)
  local width = #string.format("%s-%08d", run, 0) - #"MESSAGE_ID"
  for body in io.lines(os.getenv("TORWART_BENCH_BODIES")) do
    local first, last = body:find("MESSAGE_ID", 1, true)
    heads[#heads + 1] = string.format(
      "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-API-Key: %s\r\nContent-Length: %d\r\n\r\n%s",
      wrk.path, os.getenv("TORWART_BENCH_KEY"), #body + width, body:sub(1, first - 1))
    tails[#tails + 1] = body:sub(last + 1)
  end
end

function request()
  counter = counter + 1
  local index = counter % #heads + 1
  return heads[index] .. string.format("%s-%08d", run, counter) .. tails[index]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration,
    errors.status + errors.read + errors.connect + errors.timeout,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
