import common_py


def handler(event, context):
    return {"statusCode": 200, "body": f"{common_py.NAME} {event['rawPath']} {event['version']}"}
