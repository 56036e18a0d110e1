// One function behind an API of each kind.
export const handler = async (event) => {
  const { connectionId, routeKey } = event.requestContext;
  if (connectionId) {
    // A WebSocket API: what comes as `body` goes back to who sent it.
    return { statusCode: 200, body: routeKey.startsWith('$') ? event.body : `you said: ${event.body}` };
  }
  const name = event.pathParameters?.name ?? 'world';
  return { statusCode: 200, headers: { 'content-type': 'text/plain' }, body: `Hello, ${name}!\n` };
};
