// Custom resources of CloudFormation say what came of them at `ResponseURL`. The CDK's functions, and copies of AWS's own
// cfn-response, speak https with port 443 of its host whatever it says; where that URL is gatelet's, they are led there.
'use strict';

let place = null;

/** Leads there what is said by https to any path beside that of `url`, which is gatelet's. */
function answerHere(url) {
  const first = place === null;
  try {
    place = new URL(url);
  } catch {
    return;
  }
  if (!first) return;
  const http = require('http');
  const https = require('https');
  const { request } = https;
  https.request = function (options, ...rest) {
    const folder = place.pathname.slice(0, place.pathname.lastIndexOf('/') + 1);
    if (place.protocol !== 'http:' || !options?.path?.startsWith(folder)) return request(options, ...rest);
    const { agent, protocol, ...others } = options;
    return http.request({ ...others, host: place.hostname, hostname: place.hostname, port: place.port }, ...rest);
  };
  require('module').syncBuiltinESMExports();
}

module.exports = { answerHere };
