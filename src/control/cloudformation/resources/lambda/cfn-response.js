// What AWS gives functions whose code stands in the template: require('cfn-response').send(event, context, ...) says
// at event.ResponseURL what came of a custom resource.
'use strict';

exports.SUCCESS = 'SUCCESS';
exports.FAILED = 'FAILED';

exports.send = function (event, context, responseStatus, responseData, physicalResourceId, noEcho) {
  const body = JSON.stringify({
    Status: responseStatus,
    Reason: `See the details in CloudWatch Log Stream: ${context.logStreamName}`,
    PhysicalResourceId: physicalResourceId || context.logStreamName,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
    NoEcho: noEcho || false,
    Data: responseData,
  });
  const url = new URL(event.ResponseURL);
  const headers = { 'content-type': '', 'content-length': Buffer.byteLength(body) };
  const client = require(url.protocol === 'https:' ? 'https' : 'http');
  const request = client.request(url, { method: 'PUT', headers }, (response) => {
    response.resume();
    console.log(`Status code: ${response.statusCode}`);
    context.done();
  });
  request.on('error', (error) => {
    console.log(`send(..) failed executing http(s).request(..): ${error}`);
    context.done();
  });
  request.end(body);
};
