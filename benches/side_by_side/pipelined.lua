-- Sixteen requests at once on each connection, as one write.
dofile(os.getenv("REPORT"))

local batch

function init(_)
  local requests = {}
  for n = 1, 16 do requests[n] = wrk.format() end
  batch = table.concat(requests)
end

function request()
  return batch
end
