// The editor in the browser: its map, drawing, shortcuts, the numbers beside the YAML.
(() => {
  "use strict";
  const state = { map: null, element: null, drawing: false, count: 0 };
  const set = (id, props) => window.dash_clientside.set_props(id, props);
  const find = (id) => document.getElementById(id);
  const unique = () => (state.count += 1);

  const link = (href) => {
    if (document.querySelector(`link[href="${href}"]`)) return;
    const node = document.createElement("link");
    node.rel = "stylesheet";
    node.href = href;
    document.head.append(node);
  };

  // -- The map ---------------------------------------------------------------------------------

  // Layers of the city that can be clicked, by the source that feeds them.
  const SOURCES = ["city-facilities", "city-bridges", "city-roads"];
  const SKETCH = ["sketch-point", "sketch-line", "sketch-fill"];

  const hits = (map, point) => {
    const near = (layers, reach) => {
      const box = [[point.x - reach, point.y - reach], [point.x + reach, point.y + reach]];
      const there = layers.filter((id) => map.map.getLayer(id));
      return map.map.queryRenderedFeatures(box, { layers: there }).map((f) => f.properties);
    };
    const streets = near(state.features ?? [], 7);
    streets.sort((a, b) => Number(Boolean(b.facility_id)) - Number(Boolean(a.facility_id))
      || Number(Boolean(b.is_bridge)) - Number(Boolean(a.is_bridge)));
    return [...near(SKETCH, 6), ...streets].slice(0, 12);
  };

  const makeMap = async (element) => {
    state.element = element;
    if (state.map) state.map.remove();
    state.map = null;
    link("/web/vendor/maplibre/maplibre-gl.css");
    link("/web/vendor/noto-sans/noto-sans.css");
    link("/web/map.css");
    const { TwinMap } = await import("/web/twin-map.js");
    if (!element.isConnected || state.element !== element) return null;
    const map = new TwinMap(element, {
      city: element.dataset.city,
      bounds: JSON.parse(element.dataset.bounds) ?? undefined,
      language: element.dataset.language,
    });
    map.on("pick", ({ lon, lat }) => {
      const point = map.map.project([lon, lat]);
      const metres = (40075016.7 * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** map.map.getZoom());
      set("edit-pick", { data: { lon, lat, reach_m: 9 * metres, hits: hits(map, point), turn: unique() } });
    });
    let looked = 0;
    map.map.on("mousemove", ({ point }) => {
      if (state.drawing || performance.now() - looked < 80) return;
      looked = performance.now();
      map.map.getCanvas().style.cursor = hits(map, point).length ? "pointer" : "";
    });
    const dress = () => {
      state.features = map.map.getStyle().layers
        .filter(({ source, type }) => SOURCES.includes(source) && type !== "fill").map(({ id }) => id);
      if (!map.map?.getLayer("sketch-point")) return;
      map.map.setPaintProperty("sketch-point", "circle-radius", ["coalesce", ["get", "size"], 7]);
      map.map.setPaintProperty("sketch-point", "circle-stroke-width", ["case", ["has", "size"], 1.2, 2]);
    };
    map.map.on("style.load", dress);
    await map.ready;
    dress();
    if (state.element !== element) {
      map.remove();
      return null;
    }
    state.map = map;
    element.twinMap = map;
    element.dataset.ready = "1";
    return map;
  };

  const theMap = () => {
    const element = find("edit-map");
    if (!element) return Promise.resolve(null);
    if (state.element === element && state.making) return state.making;
    state.making = makeMap(element);
    return state.making;
  };

  const fly = (map, what) => {
    const kept = state.sketch?.features.find((f) => f.properties.what === what);
    if (!kept) return;
    const points = kept.geometry.type === "Point" ? [kept.geometry.coordinates] : kept.geometry.coordinates;
    const lons = points.map(([lon]) => lon);
    const lats = points.map(([, lat]) => lat);
    const middle = [(Math.min(...lons) + Math.max(...lons)) / 2, (Math.min(...lats) + Math.max(...lats)) / 2];
    map.map.easeTo({ center: middle, zoom: Math.max(map.map.getZoom(), 14.5), duration: 300 });
  };

  // -- Drawing ---------------------------------------------------------------------------------

  const showPane = (pane) => {
    const editor = find("editor");
    if (editor) editor.dataset.pane = pane;
    for (const button of document.querySelectorAll(".pane-button")) {
      button.setAttribute("aria-pressed", String(button.dataset.pane === pane));
    }
  };

  const draw = async (button) => {
    const map = await theMap();
    if (!map) return;
    const { draw: tool, mode, arg } = button.dataset;
    const hint = find("edit-hint");
    const before = hint?.textContent;
    const hints = JSON.parse(state.element.dataset.hints);
    if (hint) {
      hint.textContent = hints[mode];
      hint.classList.add("active");
    }
    showPane("map");
    state.drawing = true;
    button.classList.add("drawing");
    const feature = await map.draw({ mode });
    state.drawing = false;
    button.classList.remove("drawing");
    if (hint) {
      hint.textContent = before;
      hint.classList.remove("active");
    }
    if (!feature) return;
    const { type, coordinates } = feature.geometry;
    const points = type === "Polygon" ? coordinates[0] : coordinates;
    set("edit-drawn", { data: { tool, arg, coordinates: points, turn: unique() } });
  };

  // -- The YAML --------------------------------------------------------------------------------

  const yamlBox = () => document.querySelector("#edit-yaml-pane textarea");
  const follow = () => {
    const gutter = find("edit-gutter");
    const box = yamlBox();
    if (gutter && box) gutter.scrollTop = box.scrollTop;
  };
  const goTo = (line) => {
    set("edit-tab", { value: "yaml" });
    showPane("changes");
    setTimeout(() => {
      const box = yamlBox();
      if (!box) return;
      const lines = box.value.split("\n");
      const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
      box.focus();
      box.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
      box.scrollTop = Math.max(0, (line - 6) * parseFloat(getComputedStyle(box).lineHeight));
      follow();
    }, 60);
  };

  // -- What was touched -------------------------------------------------------------------------

  // Components report every value that they are given, too. The server takes a value for somebody's
  // only where its component is the one that was touched.
  const ROOTS = ".mantine-InputWrapper-root, .mantine-Switch-root, #edit-rain-kind";
  const REMEMBERED_MS = 4000; // a field reports half a second after the last key
  const touches = new Map();
  const tellTouches = () => {
    const now = performance.now();
    for (const [id, at] of touches) if (now - at > REMEMBERED_MS) touches.delete(id);
    const ids = [...touches.keys()].sort();
    if (find("editor") && ids.join() !== state.touched) {
      state.touched = ids.join();
      set("edit-touched", { data: ids });
    }
  };
  const touch = ({ target, type, key }) => {
    if (!(target instanceof Element) || !find("editor") || (type === "keydown" && key === "Tab")) return;
    const root = target.closest(ROOTS);
    if (!root) return;
    const node = root.id ? root : root.querySelector("input[id], textarea[id]");
    if (!node?.id) return;
    touches.set(node.id, performance.now());
    tellTouches();
    setTimeout(tellTouches, REMEMBERED_MS + 50);
  };
  for (const kind of ["pointerdown", "keydown", "input"]) document.addEventListener(kind, touch, true);

  // -- What people do --------------------------------------------------------------------------

  document.addEventListener("click", (event) => {
    if (!find("editor")) return;
    const target = event.target.closest("[data-draw], .pane-button, [data-line], [data-shut]");
    if (!target) return;
    if (target.dataset.draw) draw(target);
    else if (target.dataset.pane) showPane(target.dataset.pane);
    else if (target.dataset.shut) set("edit-selected", { data: {} });
    else if (Number(target.dataset.line)) goTo(Number(target.dataset.line));
    else goTo(1);
  });
  document.addEventListener("scroll", (event) => {
    if (event.target === yamlBox()) follow();
  }, true);
  document.addEventListener("keydown", (event) => {
    if (!find("editor") || event.altKey || !(event.ctrlKey || event.metaKey)) return;
    const key = event.key.toLowerCase();
    const node = document.activeElement;
    const typing = node && /^(INPUT|TEXTAREA)$/.test(node.tagName) && !node.readOnly && node.type !== "checkbox";
    if (typing || (key !== "z" && key !== "y")) return;
    event.preventDefault();
    const what = key === "y" || event.shiftKey ? "redo" : "undo";
    set("edit-shortcut", { data: { do: what, turn: unique() } });
  });

  // -- What the server says --------------------------------------------------------------------

  const show = (sketch, selected, draft) => {
    if (draft?.key) {
      const address = `/edit/${draft.key}`;
      if (location.pathname.startsWith("/edit/") && location.pathname !== address) {
        const query = new URLSearchParams(location.search);
        query.delete("city");
        history.replaceState(history.state, "", query.size ? `${address}?${query}` : address);
      }
    }
    if (!sketch) return window.dash_clientside.no_update; // forms first, then the map
    theMap().then((map) => {
      if (!map) return;
      if (sketch && sketch !== state.sketch) {
        state.sketch = sketch;
        map.setSketch(sketch);
      }
      if (selected?.what && selected !== state.selected) {
        if (selected.lon !== undefined && selected.fly) {
          map.map.easeTo({ center: [selected.lon, selected.lat], zoom: Math.max(map.map.getZoom(), 15), duration: 300 });
        } else if (selected.fly) fly(map, selected.what);
        map.marks.setPicked(selected.lon === undefined ? [] : [{ lon: selected.lon, lat: selected.lat }]);
        const card = find("edit-card");
        if (card && matchMedia("(max-width: 900px)").matches) showPane(selected.fly ? "tools" : "tools");
      } else if (!selected?.what) map.marks.setPicked([]);
      state.selected = selected;
    });
    return window.dash_clientside.no_update;
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, { editor: { show } });
})();
