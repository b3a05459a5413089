// Hands the question of a form to the browser's authenticator and sends the answer as the form's field.
// No HTML is made from text, nothing is fetched, nothing is kept.
"use strict";

const decode = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const decoded = (list) => (list || []).map((one) => ({ ...one, id: decode(one.id) }));

async function ask(kind, options) {
  options.challenge = decode(options.challenge);
  if (kind === "get") {
    options.allowCredentials = decoded(options.allowCredentials);
    return navigator.credentials.get({ publicKey: options });
  }
  options.user.id = decode(options.user.id);
  options.excludeCredentials = decoded(options.excludeCredentials);
  return navigator.credentials.create({ publicKey: options });
}

function told(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = encode(credential.response[name]);
  }
  return JSON.stringify({ id: credential.id, rawId: credential.id, type: credential.type, response });
}

function words(error) {
  if (error.name === "InvalidStateError") return "This device has a passkey of yours already.";
  if (error.name === "NotAllowedError") return "Nothing was confirmed. Try again when you are ready.";
  return "This browser cannot do that here (" + error.name + "). Try another browser or a security key.";
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const said = form.querySelector(".said");
  if (!window.PublicKeyCredential) said.textContent = "This browser knows no passkeys. Use a newer one.";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.textContent = "Your device asks you now.";
    try {
      const credential = await ask(form.dataset.passkey, JSON.parse(form.dataset.options));
      form.elements.credential.value = told(credential);
      form.submit();
    } catch (error) {
      said.textContent = words(error);
    }
  });
}
