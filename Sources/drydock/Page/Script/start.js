// The page begins, with what it knows from the outset. Those that follow ask for the rest, or have it.

takeData(data);
[from, to] = whole();
clampWindow();
readTheme();
makeRows();
fillTree();
