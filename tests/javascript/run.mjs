// The AWS SDK for JavaScript, driven from outside: test_sdk.py writes a JSON document a line, and reads one a line.
//
// {"operation", "members"} calls an operation, {"operation", "members", "size"} walks a list with the SDK's paginator.
// Times are {"$date": milliseconds} on the way in, and ISO 8601 on the way out, as JSON.stringify has it. Address and
// keys come from the environment, where the SDK finds them by itself.

import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const require = createRequire(join(process.argv[2], "package.json"));
const sdk = require("@aws-sdk/client-mturk");
const client = new sdk.MTurkClient({});

const revived = (_, value) => (value !== null && typeof value === "object" && "$date" in value ? new Date(value.$date) : value);

async function perform({ operation, members, size }) {
  if (size === undefined) return bare(await client.send(new sdk[`${operation}Command`](members)));
  const pages = [];
  for await (const page of sdk[`paginate${operation}`]({ client, pageSize: size }, members)) pages.push(bare(page));
  return pages;
}

function bare({ $metadata, ...members }) {
  return members;
}

function refusal(error) {
  // An error without a status is no answer of the service: the SDK could not read what came, or did not send.
  if (!(error instanceof sdk.MTurkServiceException)) return { broken: error.stack };
  const { name, message, Message, TurkErrorCode, $metadata } = error;
  return { refusal: { type: name, message: Message ?? message, code: TurkErrorCode, status: $metadata.httpStatusCode } };
}

for await (const line of createInterface({ input: process.stdin })) {
  let reply;
  try {
    reply = { answer: await perform(JSON.parse(line, revived)) };
  } catch (error) {
    reply = refusal(error);
  }
  process.stdout.write(JSON.stringify(reply) + "\n");
}
client.destroy();
