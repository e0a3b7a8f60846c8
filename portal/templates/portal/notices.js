/* Shows a notice that arrives, and opens its page when it is pressed. Reads and keeps nothing else. */
self.addEventListener("push", (event) => {
  const said = event.data ? event.data.json() : {};
  const about = { body: said.body || "", tag: said.tag, data: { path: said.path || "/my/" } };
  event.waitUntil(self.registration.showNotification(said.title || "", about));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const target = new URL(event.notification.data.path, self.location.origin);
  // Only ever a page of ours.
  if (target.origin === self.location.origin) event.waitUntil(self.clients.openWindow(target.href));
});
