// Passkeys: has the authenticator answer the server's challenge. A page for that has the challenge in it, and a form
// that takes the answer; beside a field for a code, a button fetches both.

const able = () => typeof window.PublicKeyCredential?.parseRequestOptionsFromJSON === "function";

async function answerTo(kind, options) {
  const asked = kind === "create"
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  return JSON.stringify((await asked).toJSON());
}

async function post(address, body) {
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const answer = await fetch(address, { method: "POST", headers: { "X-CSRFToken": token }, body: new URLSearchParams(body) });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

function offerPage(form) {
  const options = JSON.parse(document.getElementById("passkey-options").textContent);
  const failed = form.querySelector("[data-passkey-failed]");
  const run = async (tapped) => {
    failed.hidden = true;
    try {
      form.elements.credential.value = await answerTo(form.dataset.passkey, options);
      form.submit();
    } catch {
      failed.hidden = !tapped;
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(true);
  });
  run(false); // at once; a browser that wants a tap first leaves it to the button
}

function offerCode(button) {
  const form = button.form;
  const field = form.elements.otp;
  const note = button.nextElementSibling;
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    const token = form.elements.token ? { token: form.elements.token.value } : {};
    try {
      const begun = await post(button.dataset.passkeyCode, token);
      const credential = await answerTo("get", begun.options);
      field.value = (await post(button.dataset.passkeyCode, { challenge: begun.challenge, credential, ...token })).otp;
      field.hidden = button.hidden = true;
      note.textContent = button.dataset.done;
      form.querySelector("button:not([type=button])").focus();
    } catch {
      note.textContent = button.dataset.failed;
    }
    note.hidden = false;
    button.disabled = false;
  });
}

export function offerPasskeys(root) {
  for (const form of root.querySelectorAll("form[data-passkey]")) offerPage(form);
  if (able()) for (const button of root.querySelectorAll("[data-passkey-code][hidden]")) offerCode(button);
}
