// S3 by the AWS SDK for JavaScript v3: bodies of known and unknown length, multipart, presigned by hand; prints JSON.
import {
  CopyObjectCommand, CreateBucketCommand, DeleteBucketCommand, DeleteObjectsCommand, GetObjectCommand,
  HeadObjectCommand, ListObjectsV2Command, NoSuchKey, paginateListObjectsV2, PutObjectCommand, S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";

const s3 = new S3Client({
  endpoint: process.argv[2], region: "us-east-1", maxAttempts: 1, forcePathStyle: true,
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
});
const Bucket = process.argv[3];
const failure = (error) => ({ name: error.name, status: error.$metadata?.httpStatusCode, typed: error instanceof NoSuchKey });

await s3.send(new CreateBucketCommand({ Bucket }));
const put = await s3.send(new PutObjectCommand({
  Bucket, Key: "a/2026-11-01T06:53:19.724Z/k", Body: "hello", ContentType: "text/plain", Metadata: { filesha256: "x" },
}));
// A stream: the SDK sends it in chunks of S3's own, with a checksum behind them.
const streamed = await s3.send(new PutObjectCommand({
  Bucket, Key: "stream", Body: Readable.from([Buffer.alloc(70000, "a"), Buffer.alloc(70000, "b")]), ContentLength: 140000,
}));
const large = Buffer.alloc(12 * 1024 * 1024, "x");
const uploaded = await new Upload({
  client: s3, params: { Bucket, Key: "large", Body: Readable.from([large.subarray(0, 6_000_000), large.subarray(6_000_000)]) },
}).done();
const sha = async (Key) => {
  const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return createHash("sha256").update(await got.Body.transformToByteArray()).digest("hex");
};
const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "a/2026-11-01T06:53:19.724Z/k" }));
await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/large` }));
const keys = [];
for await (const page of paginateListObjectsV2({ client: s3, pageSize: 1 }, { Bucket })) {
  keys.push(...page.Contents.map((object) => object.Key));
}
const folded = await s3.send(new ListObjectsV2Command({ Bucket, Delimiter: "/" }));
const missing = await s3.send(new GetObjectCommand({ Bucket, Key: "nosuch" })).catch(failure);
const absent = await s3.send(new HeadObjectCommand({ Bucket, Key: "nosuch" })).catch(failure);
const seen = {
  put: put.ETag, streamed: await sha("stream"), streamedTag: streamed.ETag, uploaded: uploaded.ETag,
  large: await sha("large"), expected: createHash("sha256").update(large).digest("hex"),
  metadata: head.Metadata, type: head.ContentType, isDate: head.LastModified instanceof Date, keys,
  prefixes: folded.CommonPrefixes.map((prefix) => prefix.Prefix), missing, absent,
};
await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } }));
await s3.send(new DeleteBucketCommand({ Bucket }));
console.log(JSON.stringify(seen));
