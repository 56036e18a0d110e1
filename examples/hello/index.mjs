// Edit and save: gatelet serves this folder as it is, the next request gets the new code.
export const handler = async (event) => ({
  statusCode: 200,
  headers: { "content-type": "text/plain" },
  body: `Hello, ${event.queryStringParameters?.name ?? "world"}!\n`,
});
