// Whatever a client of the WebSocket API sends comes back to it.
export const handler = async (event) => ({ statusCode: 200, body: event.body ?? "" });
