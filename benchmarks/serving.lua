-- Sends the prepared score requests in turn, each under a message id of its own, and counts answers that are not 200.
local bodies, counter, wrong = {}, 0, 0
local run = os.getenv("TORWART_BENCH_RUN")

function init(args)
  for line in io.lines(os.getenv("TORWART_BENCH_BODIES")) do bodies[#bodies + 1] = line end
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["X-API-Key"] = os.getenv("TORWART_BENCH_KEY")
end

function request()
  counter = counter + 1
  local body = bodies[counter % #bodies + 1]:gsub("MESSAGE_ID", run .. "-" .. counter, 1)
  return wrk.format("POST", nil, nil, body)
end

function response(status)
  if status ~= 200 then wrong = wrong + 1 end
end

function done(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration,
    summary.errors.status + summary.errors.read + summary.errors.connect + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
