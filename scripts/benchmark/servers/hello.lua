-- The hello row: what one request costs when the handler does nothing.
return function(request)
  return "hello"
end
