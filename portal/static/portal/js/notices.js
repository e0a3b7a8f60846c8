/* "Show notices in this browser": asks the browser, and sends the form with what its push service gave.
   The form stays hidden where a browser can't, and everything else on the page works without this file. */
const form = document.querySelector("form[data-notices]");
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

async function subscribe() {
  const worker = await navigator.serviceWorker.register(form.dataset.worker, { scope: "/" });
  await navigator.serviceWorker.ready;
  const asked = { userVisibleOnly: true, applicationServerKey: bytes(form.dataset.notices) };
  return (await worker.pushManager.subscribe(asked)).toJSON();
}

if (form && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
  document.querySelector("[data-no-notices]")?.setAttribute("hidden", "");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.address.value) return;
    event.preventDefault();
    try {
      const made = await subscribe();
      form.elements.address.value = made.endpoint;
      form.elements.p256dh.value = made.keys.p256dh;
      form.elements.auth.value = made.keys.auth;
      form.submit();
    } catch {
      form.querySelector("[data-refused]").hidden = false;
    }
  });
}
