//! The settings that name files and folders: certificates, what is kept, what is unpacked, scripts.

use std::path::PathBuf;

use super::Setting;

pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        flag: "tls-cert",
        value: "FILE",
        variables: &["CUSTOM_SSL_CERT_PATH", "GATELET_TLS_CERT"],
        default: "one for each name",
        what: "The certificate (PEM, its chain behind it) that https and wss show, on the same ports; ours is \
               signed by the CA at /_gatelet/ca.pem",
        set: |draft, value| {
            draft.tls_cert = Some(PathBuf::from(value));
            Ok(())
        },
    },
    Setting {
        flag: "tls-key",
        value: "FILE",
        variables: &["GATELET_TLS_KEY"],
        default: "the file of --tls-cert",
        what: "Its private key (PEM)",
        set: |draft, value| {
            draft.tls_key = Some(PathBuf::from(value));
            Ok(())
        },
    },
    Setting {
        flag: "data-dir",
        value: "FOLDER",
        variables: &["GATELET_DATA_DIR"],
        default: "none",
        what: "What is to outlive a run is kept here: the CA (ca.pem, ca.key), so that it is trusted once. No more \
               than that yet: apis, functions and all else end with the process",
        set: |draft, value| {
            if value.is_empty() {
                return Err("give a folder; it is made if it isn't there".into());
            }
            draft.data_dir = Some(PathBuf::from(value));
            Ok(())
        },
    },
    Setting {
        flag: "work-dir",
        value: "FOLDER",
        variables: &["TMPDIR", "GATELET_WORK_DIR"],
        default: "/tmp",
        what: "Where a fresh folder for unpacked code is made; it is removed at exit",
        set: |draft, value| {
            draft.work_dir = Some(PathBuf::from(value));
            Ok(())
        },
    },
    Setting {
        flag: "init",
        value: "FOLDER",
        variables: &["GATELET_INIT"],
        default: "/etc/localstack/init",
        what: "Scripts (.sh, .py) that run in order before Ready. is printed: those in it and in its ready.d; \
               its boot.d and start.d run before, its shutdown.d at the end",
        set: |draft, value| {
            draft.init = Some(PathBuf::from(value));
            Ok(())
        },
    },
];
