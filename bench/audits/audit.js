// SPDX-License-Identifier: Apache-2.0
// Runs all server audits of graphql-http against a server and prints those that fail.
//
//   npm ci --ignore-scripts && TOKEN=… npm run audit -- http://127.0.0.1:8000/graphql
//
// TOKEN is an API token of a user who may read the schema: some audits ask for __type.

import { serverAudits } from "graphql-http";

const url = process.argv[2] ?? "http://127.0.0.1:8000/graphql";
const token = process.env.TOKEN;

const fetchFn = (address, init = {}) =>
  fetch(address, {
    ...init,
    headers: { ...init.headers, ...(token && { authorization: `Bearer ${token}` }) },
  });

const audits = serverAudits({ url, fetchFn });
const results = await Promise.all(audits.map(({ fn }) => fn()));
const failed = results.filter(({ status }) => status !== "ok");

for (const { id, name, status, reason } of failed) console.log(`${status} ${id} ${name}: ${reason}`);
console.log(`${results.length - failed.length} of ${results.length} audits pass`);
process.exit(failed.length || results.length !== 61 ? 1 : 0);
