// A passkey's signature instead of password and code: asked for when the button is pressed, and sent with the form.
(() => {
  const carrier = document.getElementById("ceremony");
  const form = document.getElementById("by-passkey");
  if (!carrier || !window.PublicKeyCredential) return;
  const { challenge, options } = JSON.parse(carrier.textContent);
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const ask = async () => {
    const key = await navigator.credentials.get({ publicKey: {
      ...options, challenge: bytes(options.challenge),
      allowCredentials: options.allowCredentials.map((known) => ({ ...known, id: bytes(known.id) })),
    } });
    const { clientDataJSON, authenticatorData, signature, userHandle } = key.response;
    const response = { clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature) };
    if (userHandle) response.userHandle = text(userHandle);
    form.elements.credential.value = JSON.stringify({ challenge, credential: { id: key.id, rawId: text(key.rawId), type: key.type, response } });
    form.submit();
  };

  form.hidden = false;
  form.querySelector("button").addEventListener("click", () => ask().catch((error) => {
    form.querySelector("[role=alert]").textContent = `The passkey did not answer: ${error.message}`;
  }));
})();
