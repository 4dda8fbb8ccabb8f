// One strip at the top while the device is offline. It says that what was written stays.

export function watchNetwork() {
  const strip = document.querySelector("[data-offline]");
  if (!strip) return;
  const show = () => {
    strip.hidden = navigator.onLine;
  };
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
}
