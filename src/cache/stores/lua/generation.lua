-- Returns the current generation; '' while nothing may be remembered of the scope.
if intents > 0 or quarantined or settling then return '' end
return meta.g
