import json


def handler(event, context):
    """Answers with what it was asked: try a path, a query, a body."""
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({
            "route": event["routeKey"],
            "path": event["rawPath"],
            "query": event.get("queryStringParameters", {}),
            "requestId": context.aws_request_id,
        }),
    }
