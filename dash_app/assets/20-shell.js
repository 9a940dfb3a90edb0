// Keyboard, the dialogue of shortcuts, and the note that the server does not answer.
(() => {
  "use strict";
  const editable = (node) =>
    node && (node.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName));
  const toggleKeys = () => {
    const dialog = document.getElementById("keys");
    if (!dialog) return;
    if (dialog.open) dialog.close();
    else dialog.showModal();
  };
  const go = { h: "#brand", r: "#nav-runs", l: "#switch-language", t: "#switch-theme" };
  let leader = 0;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || editable(event.target)) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "?") {
      event.preventDefault();
      toggleKeys();
    } else if (event.key === "g") {
      leader = event.timeStamp;
    } else if (leader && event.timeStamp - leader < 1200 && go[event.key]) {
      leader = 0;
      const target = document.querySelector(go[event.key]);
      if (target) target.click();
    } else {
      leader = 0;
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("#show-keys")) toggleKeys();
    else if (event.target.id === "keys") event.target.close(); // beside the list
  });

  // The language that the address names is remembered for addresses that name none.
  const language = new URLSearchParams(location.search).get("lang");
  if (language === "vi" || language === "en") {
    document.cookie = `twin_language=${language}; path=/; max-age=31536000; samesite=strict`;
  }

  const plain = window.fetch.bind(window);
  let failures = 0;
  const tell = (lost) => {
    const note = document.getElementById("offline");
    if (note) note.hidden = !lost;
  };
  const again = () => {
    plain("/health", { cache: "no-store" }).then(
      () => {
        failures = 0;
        tell(false);
      },
      () => setTimeout(again, 2000),
    );
  };
  window.fetch = (...given) =>
    plain(...given).then(
      (answer) => {
        if (answer.status === 401) location.reload(); // the session has ended: sign in again
        return answer;
      },
      (error) => {
        if (error.name !== "AbortError" && failures++ === 0) {
          tell(true);
          again();
        }
        throw error;
      },
    );
})();
