// Asks AWS's services what it is told to: one line of JSON in, one line of JSON out.
//
// in:  {"service": "s3", "operation": "PutObject", "input": {...}, "presign": true}
// out: {"output": {...}} or {"error": {"name", "message"}}; {"output": {"url"}} of what is presigned
//
// Bytes stand as {"base64": "..."}, and as {"base64": "...", "stream": true} where the client is
// to send them as a stream.
import { createInterface } from "node:readline";
import { Readable } from "node:stream";

const endpoint = process.env.AWS_ENDPOINT_URL;
const services = {};

async function service(name) {
  services[name] ??= await import(`@aws-sdk/client-${name}`).then((module) => {
    const [, Client] = Object.entries(module).find(([export_]) => /^[A-Z]\w*Client$/.test(export_));
    return { module, client: new Client({ endpoint, maxAttempts: 1 }) };
  });
  return services[name];
}

function read(key, value) {
  if (typeof value?.base64 === "string") {
    const bytes = Buffer.from(value.base64, "base64");
    return value.stream ? Readable.from([bytes]) : bytes;
  }
  return value;
}

async function bytesIn(output) {
  const told = {};
  for (const [key, value] of Object.entries(output)) {
    told[key] = value?.transformToString
      ? { base64: await value.transformToString("base64") }
      : value;
  }
  return told;
}

async function run({ service: name, operation, input, presign }) {
  for (const time of ["StartTime", "EndTime"]) {
    if (input[time]) input[time] = new Date(input[time]);
  }
  const { module, client } = await service(name);
  try {
    const command = new module[`${operation}Command`](input);
    if (presign) {
      const { getSignedUrl } = await import("@aws-sdk/s3-request-presigner");
      return { output: { url: await getSignedUrl(client, command, { expiresIn: 300 }) } };
    }
    const { $metadata, ...output } = await client.send(command);
    return { output: await bytesIn(output) };
  } catch (error) {
    // An error that the model has is an instance of its own class; another only carries a name.
    const own = module[error.name];
    const typed = typeof own === "function" && error instanceof own;
    return { error: { name: typed ? error.constructor.name : error.name, message: error.message } };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await run(JSON.parse(line, read))) + "\n");
}
