// A browser starts no Worker from file://. There the search runs in a hidden frame of the page instead, with the same
// messages to and from it. Behind a server nothing changes.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.waiting = [];
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.addEventListener("load", () => this.start(frame.contentWindow, url), { once: true });
      document.body.append(frame);
    }
    start(inner, url) {
      inner.postMessage = (data) => this.tell(this, data, window);
      const script = inner.document.createElement("script");
      script.src = url;
      script.onload = () => {
        this.inner = inner;
        for (const data of this.waiting) this.tell(inner, data, inner);
      };
      script.onerror = (event) => this.dispatchEvent(new ErrorEvent("error", { message: `${url} does not load` }));
      inner.document.head.append(script);
    }
    postMessage(data) {
      if (this.inner) this.tell(this.inner, data, this.inner);
      else this.waiting.push(data);
    }
    tell(target, data, realm) { // later, as messages between threads come
      setTimeout(() => target.dispatchEvent(new realm.MessageEvent("message", { data })));
    }
    terminate() {}
  };
}
