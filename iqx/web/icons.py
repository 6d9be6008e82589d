"""Our icons: strokes on a field of 24 by 24, drawn for this project."""

from typing import Final

ICONS: Final[dict[str, str]] = {
    "markets": '<path d="M4 19V9m5.3 10V5m5.4 14v-7M20 19V7"/>',
    "orders": '<path d="M7 6h13M7 12h13M7 18h13M3.5 6h.01M3.5 12h.01M3.5 18h.01"/>',
    "trades": '<path d="M4 8h14m0 0-4-4m4 4-4 4M20 16H6m0 0 4-4m-4 4 4 4"/>',
    "wallet": '<path d="M4 7.5A2.5 2.5 0 0 1 6.5 5H18v3M4 7.5V17a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-7a2 2 0 0 0-2-2H6.5'
    '"/><path d="M16 13.5h.01"/>',
    "person": '<circle cx="12" cy="8" r="4"/><path d="M4.5 20c1-4 4-6 7.500-6s6.500 2 7.500 6"/>',
    "bell": '<path d="M6 16V11a6 6 0 0 1 12 0v5l1.500 2h-15zM10 20.500h4"/>',
    "shield": '<path d="M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z"/><path d="m9 12 2 2 4-4"/>',
    "lock": '<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>',
    "bank": '<path d="M3 10 12 4l9 6M5 10v8m4.700-8v8m4.600-8v8M19 10v8M3 20h18"/>',
    "clock": '<circle cx="12" cy="12" r="8.500"/><path d="M12 7v5l3 2"/>',
    "check": '<path d="m5 12.500 4.500 4.500L19 7.500"/>',
    "copy": '<rect x="9" y="9" width="11" height="11" rx="2"/><path d="M5 15H4V6a2 2 0 0 1 2-2h9v1"/>',
    "warn": '<path d="M12 4 2.800 19.500h18.400zM12 10v4m0 3h.01"/>',
    "chat": '<path d="M4 5h16v11H9l-5 4z"/>',
    "clip": '<path d="m20 11-8.500 8.500a5 5 0 0 1-7-7L13 4a3.300 3.300 0 0 1 4.700 4.700L9.500 17"/>',
    "camera": '<path d="M4 8h3.500L9 5.500h6L16.500 8H20v11H4z"/><circle cx="12" cy="13" r="3.500"/>',
    "send": '<path d="M4 12 20 4l-5 16-3.500-6.500z"/>',
    "out": '<path d="M14 4h5v16h-5M4 12h10m0 0-4-4m4 4-4 4"/>',
    "sun": '<circle cx="12" cy="12" r="4"/><path d="M12 3v2m0 14v2M3 12h2m14 0h2M5.600 5.600 7 7m10 10 1.400 1.400'
    'm0-12.800L17 7M7 17l-1.400 1.400"/>',
    "star": '<path d="m12 4 2.500 5.200 5.500.8-4 4 .9 5.700L12 17l-4.900 2.700L8 14l-4-4 5.500-.8z"/>',
    "more": '<path d="M5 12h.01M12 12h.01M19 12h.01"/>',
    "left": '<path d="M15 5l-7 7 7 7"/>',
    "help": '<circle cx="12" cy="12" r="8.500"/><path d="M9.500 9.500a2.500 2.500 0 1 1 3.500 2.300c-.7.3-1 .8-1 1.700'
    'm0 3h.01"/>',
    "globe": '<circle cx="12" cy="12" r="8.500"/><path d="M3.500 12h17M12 3.500c3 3 3 14 0 17-3-3-3-14 0-17"/>',
    "down": '<path d="M12 4v11m0 0-4.500-4.500M12 15l4.500-4.500M5 20h14"/>',
    "up": '<path d="M12 15V4m0 0L7.500 8.500M12 4l4.500 4.500M5 20h14"/>',
    "book": '<path d="M6 4h12v16H6a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zM8 4v16M11.500 9h3"/>',
    "print": '<path d="M7 9V4h10v5M7 17H4v-7h16v7h-3M7 14h10v6H7z"/>',
    "key": '<circle cx="8" cy="15" r="4"/><path d="m11 12 8-8m-4 4 3 3"/>',
    "heart": '<path d="M12 20C6 15.500 3.500 12.500 3.500 9A4.500 4.500 0 0 1 12 7'
    'a4.500 4.500 0 0 1 8.500 2c0 3.500-2.500 6.500-8.500 11z"/>',
    "block": '<circle cx="12" cy="12" r="8.500"/><path d="m6 6 12 12"/>',
    "file": '<path d="M6 3h8l4 4v14H6zM14 3v4h4"/>',
    "phone": '<rect x="7" y="3" width="10" height="18" rx="2"/><path d="M11 18h2"/>',
    "scales": '<path d="M12 4v16m-4 0h8M5 7h14M5 7l-2.500 6h5zm14 0-2.500 6h5z"/>',
    "link": '<path d="M10 14a4 4 0 0 0 5.700 0l3-3a4 4 0 0 0-5.700-5.700l-1 1'
    'M14 10a4 4 0 0 0-5.700 0l-3 3A4 4 0 0 0 11 18.700l1-1"/>',
    "right": '<path d="m9 5 7 7-7 7"/>',
    "out-of": '<path d="M14 4h6v6m0-6-9 9M18 14v6H4V6h6"/>',
}
