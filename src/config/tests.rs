use super::*;

fn parsed(arguments: &[&str], variables: &[(&str, &str)]) -> Result<Asked, String> {
    parse(arguments.iter().map(OsString::from), |name| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
    })
}

fn config(arguments: &[&str], variables: &[(&str, &str)]) -> Config {
    match parsed(arguments, variables) {
        Ok(Asked::Run(config)) => *config,
        other => panic!("{arguments:?} {variables:?}: {other:?}"),
    }
}

#[test]
fn defaults() {
    let config = config(&[], &[]);
    assert_eq!(config.listen, ["127.0.0.1:4566".parse().unwrap()]);
    assert_eq!(config.settings.public_host, "localhost.localstack.cloud:4566");
    assert_eq!(config.settings.endpoint_style, EndpointStyle::Host);
    assert_eq!(config.settings.parity, Parity::LocalStack);
    assert_eq!((config.log_level, config.log_format), (Level::Info, Format::Text));
    assert_eq!((config.limits.workers, config.limits.idle), (64, Duration::from_secs(600)));
    assert_eq!((config.work_dir.as_path(), config.access_log), (Path::new("/tmp"), None));
    assert!(config.warnings.is_empty() && config.runtimes.is_empty() && config.certificates.is_none());
    assert_eq!(config.data_dir, None);
    assert_eq!((config.init, config.region.as_str()), (None, "us-east-1"));
}

#[test]
fn listening() {
    for (list, expected) in [
        ("0.0.0.0:4566", "0.0.0.0:4566"),
        (":4566", "127.0.0.1:4566"),
        ("4510", "127.0.0.1:4510"),
        ("10.0.0.1", "10.0.0.1:4566"),
        ("localhost:80", "127.0.0.1:80"),
        ("[::]:4566", "[::]:4566"),
        ("[::1]", "[::1]:4566"),
        ("::1", "[::1]:4566"),
        ("127.0.0.1:1, 127.0.0.1:2,", "127.0.0.1:1 127.0.0.1:2"),
        ("127.0.0.1:1,0.0.0.0:1", "0.0.0.0:1"),
        ("0.0.0.0:1,127.0.0.1:1,127.0.0.1:2", "0.0.0.0:1 127.0.0.1:2"),
        ("[::]:1,0.0.0.0:1", "[::]:1"),
        ("0.0.0.0:1,[::1]:1", "0.0.0.0:1 [::1]:1"),
        ("127.0.0.1:0,127.0.0.1:0", "127.0.0.1:0 127.0.0.1:0"),
    ] {
        let got = config(&[], &[("GATEWAY_LISTEN", list)]).listen;
        let got: Vec<_> = got.iter().map(ToString::to_string).collect();
        assert_eq!(got.join(" "), expected, "{list}");
    }
}

#[test]
fn ports_of_websockets() {
    for (arguments, variables, expected) in [
        (&[][..], &[][..], 4510..4560),
        (&[], &[("EXTERNAL_SERVICE_PORTS_START", "5000")], 5000..5050),
        (&[], &[("EXTERNAL_SERVICE_PORTS_END", "4520")], 4510..4520),
        (&[], &[("EXTERNAL_SERVICE_PORTS_START", "1"), ("LOCALSTACK_EXTERNAL_SERVICE_PORTS_END", "3")], 1..3),
        (&["--websocket-ports", "7000-7001"], &[("EXTERNAL_SERVICE_PORTS_START", "5000")], 7000..7001),
        (&["--websocket-ports=0-0"], &[], 0..0),
        (&[], &[("EXTERNAL_SERVICE_PORTS_START", "65535")], 65535..65535),
    ] {
        assert_eq!(config(arguments, variables).ws_ports, expected, "{arguments:?} {variables:?}");
    }
}

#[test]
fn what_websockets_may() {
    let ws = config(&[], &[]).settings.ws;
    assert_eq!((ws.idle, ws.lifetime), (Some(Duration::from_secs(600)), Some(Duration::from_secs(7200))));
    assert_eq!(ws.binary, Binary::Close);
    let ws = config(
        &["--ws-idle-ms", "0", "--ws-lifetime-ms", "50", "--ws-binary", "base64"],
        &[("GATELET_WS_IDLE_MS", "7"), ("GATELET_WS_BINARY", "close")],
    )
    .settings
    .ws;
    assert_eq!((ws.idle, ws.lifetime), (None, Some(Duration::from_millis(50))));
    assert_eq!(ws.binary, Binary::Base64);
}

#[test]
fn public_hosts() {
    for (listen, host, expected) in [
        ("127.0.0.1:4567", "", "localhost.localstack.cloud:4567"),
        ("127.0.0.1:4567", "example.org", "example.org:4567"),
        ("127.0.0.1:4567", "example.org:80", "example.org:80"),
        ("127.0.0.1:4567", "[::1]", "[::1]:4567"),
        ("127.0.0.1:4567", "[::1]:9", "[::1]:9"),
    ] {
        let config = config(&[], &[("GATEWAY_LISTEN", listen), ("LOCALSTACK_HOST", host)]);
        assert_eq!(config.settings.public_host, expected);
    }
}

#[test]
fn flags_override_variables_and_the_prefix_counts_first() {
    let variables =
        [("LS_LOG", "trace"), ("LOCALSTACK_LS_LOG", "WARN"), ("DEBUG", "1"), ("TMPDIR", "/var/tmp")];
    assert_eq!(config(&[], &variables).log_level, Level::Warn);
    assert_eq!(config(&["--log", "error"], &variables).log_level, Level::Error);
    assert_eq!(config(&["--log=off"], &variables).log_level, Level::Off);
    assert_eq!(config(&[], &[("DEBUG", " True ")]).log_level, Level::Debug);
    assert_eq!(config(&[], &[("DEBUG", "yes")]).log_level, Level::Info, "only 1 and true are true");
    assert_eq!(config(&[], &variables).work_dir, Path::new("/var/tmp"));
    assert_eq!(config(&["--work-dir", "/w"], &variables).work_dir, Path::new("/w"));
    let access = |arguments: &[&str]| config(arguments, &[("GATELET_ACCESS_LOG", "-")]).access_log;
    assert_eq!(access(&[]).as_deref(), Some(Path::new("-")));
    assert_eq!(access(&["--access-log", "/a.log"]).as_deref(), Some(Path::new("/a.log")));
}

#[test]
fn the_rest() {
    let config = config(
        &["--runtime", "ruby3.3=/r", "--runtime=go=/g", "--max-workers", "3", "--parity", "aws"],
        &[
            ("GATELET_RUNTIMES", "ruby3.3=/old, lua = /l"),
            ("LAMBDA_KEEPALIVE_MS", "50"),
            ("API_ENDPOINT_STYLE", "url"),
            ("EXTRA_CORS_ALLOWED_ORIGINS", "http://a.test, http://b.test:3000"),
            ("DISABLE_CORS_CHECKS", "0"),
            ("LOG_FORMAT", "json"),
            ("PATH", "/bin"),
            ("NODE_PATH", "/npm"),
            ("PYTHONPATH", "/pip"),
            ("SSL_CERT_FILE", "/c.pem"),
            ("CUSTOM_SSL_CERT_PATH", "/both.pem"),
            ("SERVICES", "apigateway"),
            ("PERSISTENCE", "1"),
            ("USE_SSL", "0"),
            ("LOCALSTACK_EDGE_PORT", "4567"),
        ],
    );
    let runtimes: Vec<_> = config.runtimes.iter().map(|(n, p)| format!("{n}={}", p.display())).collect();
    assert_eq!(runtimes, ["go=/g", "lua=/l", "ruby3.3=/r"]);
    assert_eq!((config.limits.workers, config.limits.idle), (3, Duration::from_millis(50)));
    assert_eq!((config.settings.parity, config.settings.endpoint_style), (Parity::Aws, EndpointStyle::Url));
    assert_eq!(config.settings.allowed_origins, ["http://a.test", "http://b.test:3000"]);
    assert_eq!((config.log_format, config.path.as_str()), (Format::Json, "/bin"));
    assert_eq!((config.node_path.as_str(), config.python_path.as_str()), ("/npm", "/pip"));
    assert_eq!(config.certificates, Some("/c.pem".into()));
    assert_eq!(config.tls, Some(("/both.pem".into(), "/both.pem".into())));
    assert_eq!(config.warnings.len(), 2, "{:?}", config.warnings);
    assert!(config.warnings[0].starts_with("PERSISTENCE is set, but state is not kept yet"));
}

#[test]
fn what_is_wrong_is_said_in_one_line() {
    type Variables<'a> = &'a [(&'a str, &'a str)];
    let cases: &[(&[&str], Variables, &str)] = &[
        (&["--nope"], &[], "--nope: there is no such flag; see gatelet --help"),
        (&["--"], &[], "OK"),
        (&["stray"], &[], "unexpected argument \"stray\"; see gatelet --help"),
        (&["-x"], &[], "invalid option '-x'; see gatelet --help"),
        (&["--log"], &[], "missing argument for option '--log'; see gatelet --help"),
        (
            &["--log", "loud"],
            &[],
            "--log loud: not known here; give one of off, error, warn, warning, info, debug, trace, trace-internal",
        ),
        (
            &[],
            &[("GATELET_PARITY", "azure")],
            "GATELET_PARITY=azure: not known here; give one of localstack, aws",
        ),
        (
            &[],
            &[("GATEWAY_LISTEN", "127.0.0.1:http")],
            "GATEWAY_LISTEN=127.0.0.1:http: \"http\" is no port; give a number from 0 to 65535",
        ),
        (
            &["--listen", "127.0.0.1:70000"],
            &[],
            "--listen 127.0.0.1:70000: \"70000\" is no port; give a number from 0 to 65535",
        ),
        (
            &["--listen", "nohost:1"],
            &[],
            "--listen nohost:1: \"nohost\" is no IP address; give one such as 127.0.0.1, 0.0.0.0 or [::], or localhost",
        ),
        (
            &["--listen", ","],
            &[],
            "--listen ,: names no address; give host:port, or several with commas between",
        ),
        (&["--websocket-ports", "4510"], &[], "--websocket-ports 4510: give two ports, such as 4510-4560"),
        (
            &[],
            &[("EXTERNAL_SERVICE_PORTS_END", "0")],
            "EXTERNAL_SERVICE_PORTS_END=0: give a whole number from 1 to 65535",
        ),
        (&["--max-workers", "0"], &[], "--max-workers 0: give a whole number from 1 to 10000"),
        (
            &["--runtime", "ruby"],
            &[],
            "--runtime ruby: give NAME=PROGRAM, such as ruby3.3=/opt/ruby/bootstrap",
        ),
        (
            &["--public-host", "http://x/"],
            &[],
            "--public-host http://x/: give a host name, perhaps with a port: localhost.localstack.cloud:4566",
        ),
        (&["--public-host", "x:port"], &[], "--public-host x:port: its port is no number from 0 to 65535"),
    ];
    for (arguments, variables, expected) in cases {
        let got = parsed(arguments, variables).map_or_else(|error| error, |_| "OK".into());
        assert_eq!(got, *expected);
    }
}

#[test]
fn help_names_every_flag_and_variable() {
    for arguments in [&["--help"][..], &["-h"], &["--log", "info", "--help"]] {
        let Ok(Asked::Print(help)) = parsed(arguments, &[]) else { panic!("{arguments:?} prints") };
        for setting in table::settings() {
            assert!(help.contains(setting.flag));
            assert!(setting.variables.iter().all(|variable| help.contains(variable)));
        }
        assert!(help.lines().all(|line| line.len() <= 100));
    }
    let Ok(Asked::Print(version)) = parsed(&["-V"], &[]) else { panic!("prints") };
    assert!(version.starts_with("gatelet "));
}

#[test]
fn workers_reach_us_where_we_listen() {
    let config = config(&["--runtime", "a=/b"], &[]);
    for (bound, expected) in [
        ("0.0.0.0:4566", "http://127.0.0.1:4566"),
        ("[::]:1", "http://[::1]:1"),
        ("10.1.1.1:2", "http://10.1.1.1:2"),
    ] {
        let host = config.host(bound.parse().unwrap(), Path::new("/boot"));
        assert_eq!(host.endpoint_url, expected);
        assert_eq!(host.bootstraps, Path::new("/boot"));
    }
}

#[test]
fn what_init_hooks_see() {
    let config = config(&["--init", "/hooks"], &[("GATELET_INIT", "/other"), ("AWS_REGION", "eu-west-1")]);
    assert_eq!(config.init.as_deref(), Some(Path::new("/hooks")));
    let environment = config.hook_environment("0.0.0.0:4567".parse().unwrap());
    for (name, value) in [
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:4567"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_REGION", "eu-west-1"),
    ] {
        assert!(environment.contains(&(name.into(), value.into())), "{name}: {environment:?}");
    }
}

#[test]
fn up() {
    let up = |at: &str, once| Some(Up { at: at.into(), once });
    for (arguments, expected) in [
        (&[][..], None),
        (&["up"], up(".", false)),
        (&["up", "--once"], up(".", true)),
        (&["up", "examples/quickstart"], up("examples/quickstart", false)),
        (&["--log", "off", "up", "--once", "up"], up("up", true)),
    ] {
        assert_eq!(config(arguments, &[]).up, expected, "{arguments:?}");
    }
    for (arguments, named) in [
        (&["down"][..], "down"),
        (&["up", "a", "b"], "b"),
        (&["--once"], "--once"),
        (&["up", "--once=1"], "once"),
    ] {
        let refused = parsed(arguments, &[]).unwrap_err();
        assert!(refused.contains(named), "{arguments:?}: {refused}");
    }
}

#[test]
fn services_are_where_the_sdks_variables_say() {
    use crate::model::service::Service::{Kinesis, Sqs};
    let settled = |arguments: &[&str], variables: &[(&str, &str)]| {
        let services = config(arguments, variables).settings.services;
        let at = |service| services.endpoints.get(&service).cloned().unwrap_or_default();
        (at(Sqs), at(Kinesis))
    };
    for (arguments, variables, sqs, kinesis) in [
        (&[][..], &[][..], "", ""),
        (&[], &[("AWS_ENDPOINT_URL", "http://moto:5000")], "http://moto:5000", "http://moto:5000"),
        (
            &[],
            &[("AWS_ENDPOINT_URL_SQS", "http://q:1"), ("AWS_ENDPOINT_URL", "http://m:2/x")],
            "http://q:1",
            "http://m:2/x",
        ),
        (
            &["--service-endpoint", "sqs=http://f:3"],
            &[("AWS_ENDPOINT_URL_SQS", "http://q:1")],
            "http://f:3",
            "",
        ),
        (
            &[],
            &[("GATELET_SERVICE_ENDPOINTS", "sqs=http://f:3, kinesis=https://k")],
            "http://f:3",
            "https://k",
        ),
        // That is how clients find gatelet.
        (&[], &[("AWS_ENDPOINT_URL", "http://localhost:4566")], "", ""),
        (&[], &[("AWS_ENDPOINT_URL", "http://localhost.localstack.cloud:4566/")], "", ""),
        (
            &[],
            &[("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"), ("GATEWAY_LISTEN", ":4567")],
            "http://127.0.0.1:4566",
            "http://127.0.0.1:4566",
        ),
        (&["--listen", "0.0.0.0:80"], &[("AWS_ENDPOINT_URL", "http://[::1]")], "", ""),
        (&["--public-host", "gatelet"], &[("AWS_ENDPOINT_URL", "http://gatelet:4566")], "", ""),
        (
            &[],
            &[("AWS_ENDPOINT_URL", "http://notlocalhost:4566")],
            "http://notlocalhost:4566",
            "http://notlocalhost:4566",
        ),
    ] {
        let expected = (sqs.to_owned(), kinesis.to_owned());
        assert_eq!(settled(arguments, variables), expected, "{arguments:?} {variables:?}");
    }
    for (variable, value) in [
        ("AWS_ENDPOINT_URL_SQS", "http://localhost:4566"),
        ("AWS_ENDPOINT_URL_SQS", "localhost:9324"),
        ("AWS_ENDPOINT_URL", "ftp://moto"),
        ("GATELET_SERVICE_ENDPOINTS", "sns=http://moto"),
        ("GATELET_SERVICE_ENDPOINTS", "http://moto"),
        ("GATELET_SQS_PROTOCOL", "xml"),
    ] {
        let error = parsed(&[], &[(variable, value)]).unwrap_err();
        assert!(error.starts_with(&format!("{variable}={value}: ")), "{error}");
    }
}

#[test]
fn what_is_behind_vpc_links() {
    let settled = |arguments: &[&str], variables: &[(&str, &str)]| {
        let links = config(arguments, variables).settings.vpc_links;
        links.iter().map(|(arn, url)| format!("{arn}={url}")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(settled(&[], &[]), "");
    let variables = [("GATELET_VPC_LINKS", "arn:aws:a=http://a:1, arn:aws:b=https://b/")];
    assert_eq!(settled(&[], &variables), "arn:aws:a=http://a:1 arn:aws:b=https://b/");
    let flags = ["--vpc-link", "arn:aws:a=http://c:2", "--vpc-link", "arn:aws:d=http://d"];
    assert_eq!(
        settled(&flags, &variables[..1]),
        "arn:aws:a=http://c:2 arn:aws:b=https://b/ arn:aws:d=http://d"
    );
    for wrong in
        ["arn:aws:a", "a=http://a", "arn:aws:a=a:1", "arn:aws:a=http://a/path", "arn:aws:a=http://a?x=1"]
    {
        let error = parsed(&["--vpc-link", wrong], &[]).unwrap_err();
        assert!(error.starts_with(&format!("--vpc-link {wrong}: give ")), "{error}");
    }
}
