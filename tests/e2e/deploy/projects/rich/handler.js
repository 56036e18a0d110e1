const answer = (said) => ({ statusCode: 200, body: JSON.stringify(said) });

exports.rest = async (event) => answer({
  path: event.pathParameters, method: event.httpMethod, greeting: process.env.GREETING, layer: require('common').name,
});
exports.http = async (event) => answer({ route: event.routeKey, path: event.rawPath });
exports.sockets = async (event) => ({ statusCode: 200, body: event.body });
exports.auth = async (event) => ({
  principalId: 'somebody',
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{
      Action: 'execute-api:Invoke', Effect: event.queryStringParameters.token === 'good' ? 'Allow' : 'Deny',
      Resource: event.methodArn,
    }],
  },
});
