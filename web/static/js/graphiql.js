// SPDX-License-Identifier: Apache-2.0
// Starts GraphiQL. A document to begin with comes from the address's fragment only
// (#query=…&variables=…), which never reaches the server's log; nothing runs by itself.

// GraphiQL's dialogs insert a style element and take its nonce from here.
window.__webpack_nonce__ = document.currentScript.nonce;

function given(name) {
  return new URLSearchParams(window.location.hash.slice(1)).get(name) ?? undefined;
}

async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      text += value;
      const blocks = text.split("\n\n");
      text = blocks.pop();
      for (const block of blocks) {
        if (block.startsWith("event: complete")) return;
        if (block.startsWith("event: next")) yield JSON.parse(block.slice(block.indexOf("data: ") + 6));
      }
    }
  } finally {
    await reader.cancel();
  }
}

function operationKind(document, name) {
  const operations = (document?.definitions ?? []).filter((each) => each.kind === "OperationDefinition");
  return (operations.find((each) => each.name?.value === name) ?? operations[0])?.operation;
}

async function fetcher(parameters, options) {
  const streams = operationKind(options?.documentAST, parameters.operationName) === "subscription";
  const response = await fetch(document.getElementById("graphiql").dataset.endpoint, {
    method: "POST",
    credentials: "same-origin",
    headers: {
      ...options?.headers,
      "content-type": "application/json",
      accept: streams ? "text/event-stream" : "application/graphql-response+json, application/json",
    },
    body: JSON.stringify(parameters),
  });
  return streams && response.ok ? events(response) : response.json();
}

document.addEventListener("DOMContentLoaded", () => {
  const root = ReactDOM.createRoot(document.getElementById("graphiql"));
  root.render(
    React.createElement(GraphiQL, {
      fetcher,
      defaultEditorToolsVisibility: true,
      showPersistHeadersSettings: false, // a token does not belong in the browser's storage
      query: given("query"),
      variables: given("variables"),
      operationName: given("operationName"),
    }),
  );
});
