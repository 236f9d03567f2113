// Asks AWS's services what it is told to: one line of JSON in, one line of JSON out.
import { createInterface } from "node:readline";
import * as cloudtrail from "@aws-sdk/client-cloudtrail";
import * as sts from "@aws-sdk/client-sts";

const endpoint = process.env.AWS_ENDPOINT_URL;
const clients = [
  [cloudtrail, new cloudtrail.CloudTrailClient({ endpoint, maxAttempts: 1 })],
  [sts, new sts.STSClient({ endpoint, maxAttempts: 1 })],
];

async function run({ operation, input }) {
  for (const name of ["StartTime", "EndTime"]) {
    if (input[name]) input[name] = new Date(input[name]);
  }
  const [module, client] = clients.find(([m]) => m[`${operation}Command`]);
  try {
    const { $metadata, ...output } = await client.send(new module[`${operation}Command`](input));
    return { output };
  } catch (error) {
    // An error that the model has is an instance of its own class; another only carries a name.
    const own = module[error.name];
    const typed = typeof own === "function" && error instanceof own;
    return { error: { name: typed ? error.constructor.name : error.name, message: error.message } };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await run(JSON.parse(line))) + "\n");
}
