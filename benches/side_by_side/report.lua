-- wrk prints what the script reads: requests per second, median latency in microseconds, failures.
function done(summary, latency, _)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("RESULT %.0f %.0f %d %d\n",
    summary.requests / summary.duration * 1e6, latency:percentile(50), failed, errors.status))
end
