//! The services of AWS that integrations of HTTP APIs call, as data: the ten integration subtypes and what each takes
//! ("Integration subtype reference" of the developer guide).

/// A service that an integration calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// AppConfig.
    AppConfig,
    /// EventBridge.
    EventBridge,
    /// Kinesis Data Streams.
    Kinesis,
    /// Step Functions.
    StepFunctions,
    /// SQS.
    Sqs,
}

/// All of them.
pub const SERVICES: [Service; 5] =
    [Service::AppConfig, Service::EventBridge, Service::Kinesis, Service::StepFunctions, Service::Sqs];

impl Service {
    /// As flags name it, and the SDKs' variables in upper case: `AWS_ENDPOINT_URL_SFN`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AppConfig => "appconfig",
            Self::EventBridge => "eventbridge",
            Self::Kinesis => "kinesis",
            Self::StepFunctions => "sfn",
            Self::Sqs => "sqs",
        }
    }

    /// The variable that says where it is, as the SDKs name it.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::AppConfig => "AWS_ENDPOINT_URL_APPCONFIG",
            Self::EventBridge => "AWS_ENDPOINT_URL_EVENTBRIDGE",
            Self::Kinesis => "AWS_ENDPOINT_URL_KINESIS",
            Self::StepFunctions => "AWS_ENDPOINT_URL_SFN",
            Self::Sqs => "AWS_ENDPOINT_URL_SQS",
        }
    }

    /// The service of a signature's scope.
    pub const fn signing_name(self) -> &'static str {
        match self {
            Self::AppConfig => "appconfig",
            Self::EventBridge => "events",
            Self::Kinesis => "kinesis",
            Self::StepFunctions => "states",
            Self::Sqs => "sqs",
        }
    }
}

/// An `integrationSubtype`.
#[derive(Debug, PartialEq, Eq)]
pub struct Subtype {
    /// `SQS-SendMessage`
    pub name: &'static str,
    /// Whose operation it is.
    pub service: Service,
    /// The operation: `SendMessage`.
    pub action: &'static str,
    /// What it takes, besides [`REGION`].
    pub parameters: &'static [Parameter],
}

/// What a subtype takes.
#[derive(Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The key in `requestParameters`.
    pub name: &'static str,
    /// Whether there is no call without it.
    pub required: bool,
    /// What its text stands for.
    pub shape: Shape,
}

/// What the text of a parameter stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Itself.
    Text,
    /// A whole number.
    Integer,
    /// A list of texts: a JSON array of them, or one text.
    Texts,
    /// Message attributes of SQS: a JSON object of them by name.
    Attributes,
    /// A time, in ISO 8601 or in seconds since 1970.
    Time,
    /// Bytes, which the service gets in base64.
    Blob,
}

/// The parameter that all subtypes take: where the service is, unless it is where the api is.
pub const REGION: &str = "Region";

/// The ten.
pub const SUBTYPES: &[Subtype] = &[
    Subtype {
        name: "EventBridge-PutEvents",
        service: Service::EventBridge,
        action: "PutEvents",
        parameters: &[
            required("Detail", Shape::Text),
            required("DetailType", Shape::Text),
            required("Source", Shape::Text),
            optional("Time", Shape::Time),
            optional("EventBusName", Shape::Text),
            optional("Resources", Shape::Texts),
            optional("TraceHeader", Shape::Text),
        ],
    },
    Subtype {
        name: "SQS-SendMessage",
        service: Service::Sqs,
        action: "SendMessage",
        parameters: &[
            required("QueueUrl", Shape::Text),
            required("MessageBody", Shape::Text),
            optional("DelaySeconds", Shape::Integer),
            optional("MessageAttributes", Shape::Attributes),
            optional("MessageDeduplicationId", Shape::Text),
            optional("MessageGroupId", Shape::Text),
            optional("MessageSystemAttributes", Shape::Attributes),
        ],
    },
    Subtype {
        name: "SQS-ReceiveMessage",
        service: Service::Sqs,
        action: "ReceiveMessage",
        parameters: &[
            required("QueueUrl", Shape::Text),
            optional("AttributeNames", Shape::Texts),
            optional("MaxNumberOfMessages", Shape::Integer),
            optional("MessageAttributeNames", Shape::Texts),
            optional("ReceiveRequestAttemptId", Shape::Text),
            optional("VisibilityTimeout", Shape::Integer),
            optional("WaitTimeSeconds", Shape::Integer),
        ],
    },
    Subtype {
        name: "SQS-DeleteMessage",
        service: Service::Sqs,
        action: "DeleteMessage",
        parameters: &[required("ReceiptHandle", Shape::Text), required("QueueUrl", Shape::Text)],
    },
    Subtype {
        name: "SQS-PurgeQueue",
        service: Service::Sqs,
        action: "PurgeQueue",
        parameters: &[required("QueueUrl", Shape::Text)],
    },
    Subtype {
        name: "AppConfig-GetConfiguration",
        service: Service::AppConfig,
        action: "GetConfiguration",
        parameters: &[
            required("Application", Shape::Text),
            required("Environment", Shape::Text),
            required("Configuration", Shape::Text),
            required("ClientId", Shape::Text),
            optional("ClientConfigurationVersion", Shape::Text),
        ],
    },
    Subtype {
        name: "Kinesis-PutRecord",
        service: Service::Kinesis,
        action: "PutRecord",
        parameters: &[
            required("StreamName", Shape::Text),
            required("Data", Shape::Blob),
            required("PartitionKey", Shape::Text),
            optional("SequenceNumberForOrdering", Shape::Text),
            optional("ExplicitHashKey", Shape::Text),
        ],
    },
    Subtype {
        name: "StepFunctions-StartExecution",
        service: Service::StepFunctions,
        action: "StartExecution",
        parameters: &[
            required("StateMachineArn", Shape::Text),
            optional("Name", Shape::Text),
            optional("Input", Shape::Text),
        ],
    },
    Subtype {
        name: "StepFunctions-StartSyncExecution",
        service: Service::StepFunctions,
        action: "StartSyncExecution",
        parameters: &[
            required("StateMachineArn", Shape::Text),
            optional("Name", Shape::Text),
            optional("Input", Shape::Text),
            optional("TraceHeader", Shape::Text),
        ],
    },
    Subtype {
        name: "StepFunctions-StopExecution",
        service: Service::StepFunctions,
        action: "StopExecution",
        parameters: &[
            required("ExecutionArn", Shape::Text),
            optional("Cause", Shape::Text),
            optional("Error", Shape::Text),
        ],
    },
];

impl Subtype {
    /// The subtype with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        SUBTYPES.iter().find(|subtype| subtype.name == name)
    }

    /// The parameter with this name, besides [`REGION`].
    pub fn parameter(&self, name: &str) -> Option<&'static Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }
}

const fn required(name: &'static str, shape: Shape) -> Parameter {
    Parameter { name, required: true, shape }
}

const fn optional(name: &'static str, shape: Shape) -> Parameter {
    Parameter { name, required: false, shape }
}
