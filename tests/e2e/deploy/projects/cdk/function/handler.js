exports.handler = async (event) => {
  if (event.requestContext?.routeKey && event.requestContext.connectionId) {
    return { statusCode: 200, body: event.body };
  }
  return { statusCode: 200, body: JSON.stringify({ version: event.version ?? '1.0', said: 'first', stage: process.env.STAGE }) };
};
