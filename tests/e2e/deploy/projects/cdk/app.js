// An app with an API of each kind in front of one function, as the constructs make them.
const cdk = require('aws-cdk-lib');
const apigateway = require('aws-cdk-lib/aws-apigateway');
const apigatewayv2 = require('aws-cdk-lib/aws-apigatewayv2');
const integrations = require('aws-cdk-lib/aws-apigatewayv2-integrations');
const lambda = require('aws-cdk-lib/aws-lambda');
const logs = require('aws-cdk-lib/aws-logs');
const s3 = require('aws-cdk-lib/aws-s3');
const path = require('node:path');

class Apis extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    const fn = new lambda.Function(this, 'Fn', {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'handler.handler',
      code: lambda.Code.fromAsset(path.join(__dirname, 'function')),
      environment: { STAGE: 'local' },
      logRetention: logs.RetentionDays.ONE_WEEK,
    });
    const files = new s3.Bucket(this, 'Files', {
      removalPolicy: cdk.RemovalPolicy.DESTROY, autoDeleteObjects: true,
    });

    const http = new apigatewayv2.HttpApi(this, 'HttpApi', {
      corsPreflight: { allowOrigins: ['*'], allowMethods: [apigatewayv2.CorsHttpMethod.ANY] },
    });
    http.addRoutes({
      path: '/my/path2',
      methods: [apigatewayv2.HttpMethod.POST],
      integration: new integrations.HttpLambdaIntegration('Int', fn),
    });
    http.addRoutes({
      path: '/proxy/{proxy+}',
      methods: [apigatewayv2.HttpMethod.ANY],
      integration: new integrations.HttpUrlIntegration('Url', `${process.env.BACK_END}/{proxy}`),
    });

    const sockets = new apigatewayv2.WebSocketApi(this, 'WsApi', {
      connectRouteOptions: { integration: new integrations.WebSocketLambdaIntegration('C', fn) },
      disconnectRouteOptions: { integration: new integrations.WebSocketLambdaIntegration('D', fn) },
    });
    sockets.addRoute('test-action', {
      integration: new integrations.WebSocketLambdaIntegration('A', fn),
      returnResponse: true,
    });
    const stage = new apigatewayv2.WebSocketStage(this, 'WsStage', {
      webSocketApi: sockets, stageName: 'local', autoDeploy: true,
    });
    stage.grantManagementApiAccess(fn);

    const rest = new apigateway.RestApi(this, 'Rest', { deployOptions: { stageName: 'local' } });
    rest.root.addResource('my').addResource('path1').addMethod('POST', new apigateway.LambdaIntegration(fn));

    cdk.Tags.of(http).add('_custom_id_', 'cdk-http');
    new cdk.CfnOutput(this, 'FilesName', { value: files.bucketName });
    new cdk.CfnOutput(this, 'FunctionName', { value: fn.functionName });
    new cdk.CfnOutput(this, 'HttpApiUrl', { value: http.apiEndpoint });
    new cdk.CfnOutput(this, 'HttpApiId', { value: http.apiId });
    new cdk.CfnOutput(this, 'WsUrl', { value: stage.url });
    new cdk.CfnOutput(this, 'WsApiId', { value: sockets.apiId });
    new cdk.CfnOutput(this, 'RestApiId', { value: rest.restApiId });
  }
}

const app = new cdk.App();
new Apis(app, 'Apis', { env: { account: '000000000000', region: 'us-east-1' } });
