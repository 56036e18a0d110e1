-- What the script reads: requests a second, median latency in microseconds, requests, failed ones.
function done(summary, latency, _)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("RESULT %.0f %.0f %d %d\n",
    summary.requests / summary.duration * 1e6, latency:percentile(50), summary.requests, failed))
end
